"""The servers of the stack, each as a program: its command, its settings, and how it says that it is ready."""
