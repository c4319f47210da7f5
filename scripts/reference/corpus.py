#!/usr/bin/env python3
"""corpus.py [--out DIR]

Make the PDF, DOCX and ODT documents of corpus/testdata with the programs that people make them with, and beside each what a
reference reads in it: pdftotext for PDF, LibreOffice's own text export for the others. Run it at the root of the tree. It needs
pdftotext, soffice, pdflatex, gs, groff, chromium, pycairo, and fonts with Arabic, Hebrew and Chinese letters (DejaVu, Droid Sans
Fallback). versions.json says which wrote what is there. The texts are this project's own.
"""
import argparse
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile

import cairo

ap = argparse.ArgumentParser()
ap.add_argument("--out", default="corpus/testdata")
args = ap.parse_args()
OUT = os.path.abspath(args.out)
TMP = tempfile.mkdtemp()


def run(*cmd, **kw):
    return subprocess.run(cmd, cwd=TMP, check=True, capture_output=True, **kw)


def english():
    """Headings and paragraphs of the tree's own documents, without their tables and drawings."""
    out = []
    source = "\n\n".join(open(name, encoding="utf-8").read() for name in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/models.md"])
    source = re.sub(r"```.*?```", "", source, flags=re.S)
    for block in re.split(r"\n\s*\n|\n(?=\* )", source):
        block = block.strip()
        if not block or block.startswith("|"):
            continue
        level = len(block) - len(block.lstrip("#"))
        text = re.sub(r"[*`#_]", "", block).strip()
        out.append((level, re.sub(r"\s+", " ", text)))
    return out


ARABIC = [
    (1, "عقد الإيجار"),
    (0, "ينتهي عقد الإيجار في الحادي والثلاثين من ديسمبر. يجب على المستأجر إخلاء الشقة وإعادة المفاتيح إلى المالك قبل ذلك اليوم."),
    (0, "يدفع المستأجر أجرة الشهر الأخير كاملة، ويحق للمالك أن يحتفظ بالتأمين إذا وجد ضررا في الجدران أو الأبواب أو النوافذ."),
    (2, "المفاتيح"),
    (0, "استلم المستأجر ثلاثة مفاتيح عند بداية العقد، اثنان للباب الرئيسي وواحد لصندوق البريد. من يفقد مفتاحا يدفع ثمن قفل جديد."),
]
HEBREW = [
    (1, "חוזה השכירות"),
    (0, "חוזה השכירות מסתיים בשלושים ואחד בדצמבר. עד אז על השוכר לפנות את הדירה ולהחזיר את המפתחות לבעל הבית."),
    (0, "השוכר משלם את דמי השכירות של החודש האחרון במלואם, ובעל הבית רשאי לשמור את הפיקדון אם נמצא נזק בקירות, בדלתות או בחלונות."),
    (2, "המפתחות"),
    (0, "בתחילת החוזה קיבל השוכר שלושה מפתחות, שניים לדלת הראשית ואחד לתיבת הדואר. מי שמאבד מפתח משלם על מנעול חדש."),
]
CHINESE = [
    (1, "租约"),
    (0, "租约将于十二月三十一日到期。在此之前，租户必须搬出房间，并把钥匙还给房东。租户应当付清最后一个月的房租；如果墙壁、门或者窗户有损坏，房东可以留下押金。"),
    (2, "钥匙"),
    (0, "租约开始的时候，租户收到了三把钥匙，两把是大门的，一把是信箱的。谁丢了钥匙，谁就要付新锁的钱。租户搬家以后，房东会在十四天之内检查房间，并把押金的余额汇到租户的账户上。"),
]


def page(blocks, lang, direction="ltr"):
    body = "\n".join(f"<h{level}>{html.escape(t)}</h{level}>" if level else f"<p>{html.escape(t)}</p>" for level, t in blocks)
    return (f'<!DOCTYPE html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8"><title>{html.escape(blocks[0][1])}</title>'
            f'<style>body {{ font-family: "DejaVu Sans", "Droid Sans Fallback" }}</style></head><body>{body}</body></html>')


def write(name, text):
    with open(os.path.join(TMP, name), "w", encoding="utf-8") as f:
        f.write(text)


def soffice(source, to, flt=None):
    run("soffice", "--headless", f"-env:UserInstallation=file://{TMP}/profile", "--convert-to", to, source)


def latex(blocks):
    def escape(t):
        t = t.replace("\\", "").replace("~", "").replace("^", "").replace("|", "/")
        return re.sub(r"([#$%&{}])", r"\\\1", t).replace("<", "$<$").replace(">", "$>$")
    body = "\n\n".join((r"\section{%s}" if level else "%s") % escape(t) for level, t in blocks[1:])
    write("latex.tex", r"\documentclass[twocolumn]{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\title{Architecture}\author{tryall}\date{}\begin{document}\maketitle "
          + body + r"\end{document}")
    run("pdflatex", "-interaction=batchmode", "latex.tex")
    run("pdflatex", "-interaction=batchmode", "latex.tex")


def ghostscript(blocks):
    body = ".po 1i\n.ll 6i\n.pl 11i\n" + "".join((".sp\n.ft B\n%s\n.ft R\n" if level else ".sp\n%s\n") % t.replace("\\", "\\e") for level, t in blocks)
    ps = run("groff", "-Tps", "-k", input=body.encode()).stdout
    with open(os.path.join(TMP, "groff.ps"), "wb") as f:
        f.write(ps)
    run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOutputFile=ghostscript.pdf", "groff.ps")


def chromium(name, text):
    write(name + ".html", text)
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={TMP}/{name}.pdf", f"file://{TMP}/{name}.html")


def with_cairo(blocks):
    surface = cairo.PDFSurface(os.path.join(TMP, "cairo.pdf"), 595, 842)
    c = cairo.Context(surface)
    c.select_font_face("DejaVu Serif")
    y = 60
    for level, t in blocks:
        c.set_font_size(15 if level else 10)
        line = ""
        for word in t.split(" ") + [None]:
            if word is None or c.text_extents(line + " " + word).width > 475:
                if y > 780:
                    c.show_page()
                    y = 60
                c.move_to(60, y)
                c.show_text(line)
                y += 20 if level else 13
                line = ""
            if word is not None:
                line = (line + " " + word).strip()
        y += 10
    surface.finish()


def by_hand():
    """Two pages whose lines are set one by one: want.txt says which belong together."""
    surface = cairo.PDFSurface(os.path.join(OUT, "pdf", "input.pdf"), 420, 300)
    surface.set_metadata(cairo.PDF_METADATA_TITLE, "The lease of 1999")
    surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, "2020-01-01T00:00:00Z")
    c = cairo.Context(surface)
    c.select_font_face("DejaVu Serif")

    def lines(y, size, *rows, x=40):
        c.set_font_size(size)
        for row in rows:
            c.move_to(x, y)
            c.show_text(row)
            y += size * 1.3
    lines(50, 18, "The lease")
    lines(80, 10, "The lease ends on 31 December, and until then the rooms re-", "main with the tenant, who pays what the Anglo-", "American rules of this house demand of every tenant in it.")
    lines(130, 10, "A new paragraph begins after a gap and says that keys must", "go back.")
    lines(172, 10, "• one key of brass", "• two keys of steel")
    c.show_page()
    lines(50, 10, "The left column of this", "page is read before the", "right one begins.")
    lines(50, 10, "The right column has a", "paragraph of its own.", x=220)
    surface.finish()


def keep(name, folder, expected):
    target = os.path.join(OUT, folder)
    os.makedirs(target, exist_ok=True)
    shutil.copy(os.path.join(TMP, name), target)
    with open(os.path.join(target, name + ".txt"), "w", encoding="utf-8") as f:
        f.write(expected)


def version(*cmd):
    out = subprocess.run(cmd, capture_output=True, text=True)
    return (out.stdout + out.stderr).strip().split("\n")[0].strip()


blocks = english()
write("libreoffice.html", page(blocks[:26], "en"))
soffice("libreoffice.html", "odt:writer8")
soffice("libreoffice.odt", "docx:MS Word 2007 XML")
soffice("libreoffice.odt", "pdf:writer_pdf_Export")
for name, lang, text in [("arabic", "ar", ARABIC), ("hebrew", "he", HEBREW), ("chinese", "zh", CHINESE)]:
    write(name + ".html", page(text, lang, "rtl" if lang in ("ar", "he") else "ltr"))
    soffice(name + ".html", "odt:writer8")
    soffice(name + ".odt", "docx:MS Word 2007 XML")
    soffice(name + ".docx", "pdf:writer_pdf_Export")
latex(blocks)
ghostscript(blocks)
chromium("chromium", page(blocks, "en"))
chromium("chromium-chinese", page(CHINESE, "zh"))
chromium("chromium-hebrew", page(HEBREW, "he", "rtl"))
with_cairo(blocks)

for name in ["libreoffice", "arabic", "hebrew", "chinese", "latex", "ghostscript", "chromium", "chromium-chinese", "chromium-hebrew", "cairo"]:
    keep(name + ".pdf", "pdf", run("pdftotext", "-enc", "UTF-8", name + ".pdf", "-").stdout.decode())
for name in ["libreoffice", "arabic", "hebrew", "chinese"]:
    for kind in ["docx", "odt"]:
        os.makedirs(os.path.join(TMP, kind), exist_ok=True)
        run("soffice", "--headless", f"-env:UserInstallation=file://{TMP}/profile", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", kind, f"{name}.{kind}")
        keep(f"{name}.{kind}", kind, open(os.path.join(TMP, kind, name + ".txt"), encoding="utf-8-sig").read())

# Documents by hand, with what those programs do not write together: changes, notes, tables in a few lines each. want.txt beside
# them is written by hand too.
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
                   'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "docProps/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
                         'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The lease, second draft</dc:title></cp:coreProperties>',
    "word/styles.xml": f'<w:styles {W}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
                       '<w:style w:styleId="Body"><w:name w:val="Body Text"/></w:style></w:styles>',
    "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:t>----</w:t></w:r></w:p></w:footnote>'
                          '<w:footnote w:id="2"><w:p><w:r><w:t>Keys are </w:t></w:r><w:r><w:t>brass.</w:t></w:r></w:p></w:footnote></w:footnotes>',
    "word/document.xml": f'''<w:document {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>
<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>The lease</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">It ends on </w:t></w:r><w:del><w:r><w:delText>30 November</w:delText></w:r></w:del><w:ins><w:r><w:t>31 December</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r>
<w:r><w:t xml:space="preserve"> Keys</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t xml:space="preserve"> go back.</w:t><w:br/><w:t>Second</w:t><w:tab/><w:t>line.</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>one key</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>two keys</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Room</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Rent</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Kitchen</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>200</w:t></w:r></w:p><w:p><w:r><w:t>euros</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>Once</w:t></mc:Choice><mc:Fallback><w:t>Twice</w:t></mc:Fallback></mc:AlternateContent></w:r>
<w:r><w:fldChar/><w:instrText>PAGEREF</w:instrText></w:r><w:r><w:t xml:space="preserve"> &amp; no more.</w:t></w:r></w:p>
<w:sectPr/></w:body></w:document>''',
}
O = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
     'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"')
ODT = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "meta.xml": f"<office:document-meta {O}><office:meta><dc:title>The lease, second draft</dc:title></office:meta></office:document-meta>",
    "content.xml": f'''<office:document-content {O}><office:body><office:text>
<text:tracked-changes><text:changed-region><text:deletion><text:p>30 November</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">The lease</text:h>
<text:p>It ends on <text:change/>31<text:s text:c="2"/>December. Keys<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Keys are brass.</text:p></text:note-body></text:note> go back.<text:line-break/>Second<text:tab/>line.<office:annotation><text:p>Really?</text:p></office:annotation></text:p>
<text:list><text:list-item><text:p>one key</text:p></text:list-item><text:list-item><text:p>two keys</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>Room</text:p></table:table-cell><table:table-cell><text:p>Rent</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Kitchen</text:p></table:table-cell><table:table-cell><text:p>200</text:p><text:p>euros</text:p></table:table-cell></table:table-row></table:table>
<text:p>Once &amp; no more.</text:p></office:text></office:body></office:document-content>''',
}
EPUB = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    "OEBPS/book.opf": '''<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Of Keys</dc:title></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/><item id="b" href="second%20part.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="first.xhtml" media-type="application/xhtml+xml"/><item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>''',
    "OEBPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
    "OEBPS/second part.xhtml": '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>II</title></head><body><h1>Locks</h1><p>Each lock has a key.</p></body></html>',
    "OEBPS/first.xhtml": '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>I</title></head><body><h1>Keys</h1><p>A key is made of brass &amp; patience.</p><p>Some are lost.</p></body></html>',
}
by_hand()
run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOwnerPassword=owner", "-sUserPassword=user", "-dEncryptionR=3", "-dKeyLength=128",
    f"-sOutputFile={OUT}/pdf/password.pdf", f"{OUT}/pdf/input.pdf")
scan = cairo.PDFSurface(os.path.join(OUT, "pdf", "scanned.pdf"), 200, 200)
scan.set_metadata(cairo.PDF_METADATA_CREATE_DATE, "2020-01-01T00:00:00Z")
picture = cairo.ImageSurface(cairo.FORMAT_RGB24, 50, 50)
cairo.Context(scan).set_source_surface(picture)
cairo.Context(scan).paint()
scan.finish()
for folder, name, parts in [("docx", "input.docx", DOCX), ("odt", "input.odt", ODT), ("epub", "input.epub", EPUB)]:
    os.makedirs(os.path.join(OUT, folder), exist_ok=True)
    with zipfile.ZipFile(os.path.join(OUT, folder, name), "w") as z:
        for part, content in parts.items():
            info = zipfile.ZipInfo(part, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if part == "mimetype" else zipfile.ZIP_DEFLATED
            z.writestr(info, content)

with open(os.path.join(OUT, "versions.json"), "w") as f:
    json.dump({
        "pdftotext": version("pdftotext", "-v"), "soffice": version("soffice", "--version"), "pdflatex": version("pdflatex", "--version"),
        "ghostscript": version("gs", "--version"), "groff": version("groff", "--version"), "chromium": version("chromium", "--version").split("/usr")[0],
        "cairo": cairo.cairo_version_string(), "pycairo": cairo.version,
    }, f, indent=1)
    f.write("\n")
shutil.rmtree(TMP)
