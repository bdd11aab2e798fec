"""Workbooks through calamine, which is fast, and which aborts its process on a sparse sheet."""

import python_calamine

from census.adapters.extraction.formats import XLSX
from census.adapters.extraction.office_package import OfficePackage
from census.adapters.extraction.sheet_rows import add_sheet
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder
from census.adapters.extraction.zip_directory import damaged, encrypted
from census.domain.extracted_text import ExtractedText


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a workbook: a page a sheet, a line a row. Formulas give their stored results."""
    package = OfficePackage(source)  # which checks what the directory declares
    out = TextBuilder(source)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(source.open()) as workbook:
            for index, about in enumerate(workbook.sheets_metadata):
                if about.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    add_sheet(out, about.name, workbook.get_sheet_by_index(index).iter_rows())
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except python_calamine.CalamineError as error:
        raise damaged() from error
    return out.build(XLSX, package.title, package.warnings)
