"""What the pages and the API read: figures in words, the Board's page, one indicator with what is behind it."""
