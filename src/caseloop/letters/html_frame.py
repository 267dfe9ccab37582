"""Which HTML stands around a letter's words, as in the mock-ups?"""

# ruff: noqa: E501

FONT = "font-family:'Segoe UI',system-ui,-apple-system,Roboto,'Helvetica Neue',Arial,sans-serif;"
TEXT = f"{FONT}margin:0 0 14px;font-size:16px;line-height:1.5;color:#191d22;"
SMALL = f"{FONT}font-size:13px;line-height:1.5;color:#555e69;"
PARAGRAPH = f'<p class="t" style="{TEXT}">'
BOLD_PARAGRAPH = f'<p class="t" style="{FONT}margin:0 0 8px;font-size:17px;line-height:1.5;color:#191d22;">'
FOOTER = f'<p class="m hr" style="{SMALL}margin:0;padding-top:14px;border-top:1px solid #d4d9df;">'
QUOTE_LINE = f'<p class="m" style="{SMALL}margin:18px 0 0;">'
QUOTE = '<blockquote class="q" style="margin:8px 0 0;padding:0 0 0 12px;border-left:2px solid #c3c9d1;">'
QUOTED = f'<p class="m" style="{SMALL}margin:0 0 8px;">'
PRIMARY = ('class="b b1"', "background-color:#0b5cad;color:#ffffff;border:1px solid #0b5cad;")
PLAIN = ('class="b b2"', "background-color:#ffffff;color:#191d22;border:1px solid #838c97;")
BUTTON = (
    '<a {look[0]} href="{url}" style="'
    + FONT
    + "display:inline-block;margin:0 8px 10px 0;padding:11px 18px;border-radius:4px;font-size:16px;line-height:20px;"
    + 'font-weight:600;text-align:center;text-decoration:none;{look[1]}">{label}</a>\n'
)
BOX = (
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 18px;">'
    '<tr><td class="box" style="padding:16px 18px 4px;background-color:#f1f5fa;border-left:4px solid #0b5cad;'
    'border-radius:4px;">\n{body}</td></tr></table>\n'
)
# The document comes in pieces: what a letter says of itself stands between them, and nothing is searched for holes.
TO_LANGUAGE = '<!doctype html>\n<html lang="'
TO_TITLE = """" dir="ltr" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>"""
TO_PREVIEW = """</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
.page { background-color: #14171b !important; }
.sheet { background-color: #1e2329 !important; border-color: #343b44 !important; }
.t { color: #e7eaee !important; }
.m, .m a { color: #b3bcc7 !important; }
.box { background-color: #262c34 !important; border-color: #75b8f7 !important; }
.b1 { background-color: #2470be !important; border-color: #2470be !important; }
.b2 { background-color: #1e2329 !important; border-color: #78828e !important; color: #e7eaee !important; }
.q, .hr { border-color: #4a535e !important; }
}
@media (max-width: 480px) { .sheet { padding: 20px !important; } .b { display: block !important; margin-right: 0 !important; } }
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f4f5f7;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;" aria-hidden="true">"""
TO_HEADING = (
    """</div>
<table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f4f5f7;">
<tr><td align="center" style="padding:20px 12px;">
<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;">
<tr><td class="sheet" role="main" align="left" style="padding:28px 32px;background-color:#ffffff;border:1px solid #e1e4e9;border-radius:8px;">
<h1 class="m" style=\""""
    + SMALL
    + """margin:0 0 16px;font-weight:400;">"""
)
TO_WORDS = "</h1>\n"
END = """</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""
