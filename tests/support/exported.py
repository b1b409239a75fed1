"""Follows the links to exports on a page, and reads what comes."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import httpx
from playwright.async_api import Page
from python_calamine import CalamineWorkbook

Rows = list[dict[str, str]]


@asynccontextmanager
async def beside(page: Page) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is signed in as who looks at the page."""
    cookies = {one["name"]: one["value"] for one in await page.context.cookies()}
    async with httpx.AsyncClient(cookies=cookies, trust_env=False, timeout=30) as http:
        yield http


async def exported(http: httpx.AsyncClient, page: str) -> dict[str, Rows]:
    """The rows of every list that the page offers as CSV, by the list's name; its XLSX must have as many."""
    answer = await http.get(page)
    assert answer.status_code == 200, answer.text
    found: dict[str, Rows] = {}
    for link in re.findall(r'href="([^"]*[?&;]export=csv[^"]*)"', answer.text):
        address = urljoin(page, html.unescape(link))
        name = httpx.URL(address).params.get("list", "")
        found[name] = await rows(http, address)
        other = await http.get(address.replace("export=csv", "export=xlsx"))
        assert other.status_code == 200, other.text
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(other.content)).get_sheet_by_index(0).to_python()
        assert len(sheet) == len(found[name]) + 1
    return found


async def rows(http: httpx.AsyncClient, address: str) -> Rows:
    answer = await http.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
