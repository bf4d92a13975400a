#!/bin/sh
# Draws the explained bill of the READMEs from the program's own words, so that the picture cannot say what the program does not:
#
#     sh docs/images/draw.sh
#
# One line of text is one line of the picture; nothing is laid out, shortened or coloured by hand.
set -eu
cd "$(dirname "$0")/../.."

drawn() { # language, width
  cargo run --quiet --release -- settle examples/chongqing-2022/claims.csv --explain --lang "$1" |
    awk '/^■ B004 / { on = 1 } on && /^$/ { exit } on' |
    awk -v width="$2" '
      { line[NR] = $0 }
      END {
        height = NR * 20 + 28
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", width, height, width, height
        print "<style>"
        print "  rect { fill: #fbfbf9; stroke: #d5d5ce }"
        print "  text { fill: #24292f; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, \"Noto Sans Mono CJK SC\", \"PingFang SC\", \"Microsoft YaHei\", monospace }"
        print "  .head { font-weight: 600 } .source { fill: #6a737d; font-size: 12px } .sum { fill: #0a6640; font-weight: 600 }"
        print "  @media (prefers-color-scheme: dark) {"
        print "    rect { fill: #16191d; stroke: #363b42 } text { fill: #dfe3e8 } .source { fill: #949ba4 } .sum { fill: #5fc992 }"
        print "  }"
        print "</style>"
        printf "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", width - 1, height - 1
        for (at = 1; at <= NR; at++) {
          words = line[at]
          indent = match(words, /[^ ]/) - 1
          sub(/^ +/, "", words)
          kind = words ~ /^■/ ? "head" : words ~ /^=/ ? "sum" : indent > 4 ? "source" : "step"
          gsub(/&/, "\\&amp;", words); gsub(/</, "\\&lt;", words); gsub(/>/, "\\&gt;", words)
          printf "<text xml:space=\"preserve\" x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", 16 + indent * 8, 8 + at * 20, kind, words
        }
        print "</svg>"
      }'
}

drawn zh 840 >docs/images/explained-bill.zh-CN.svg
drawn en 1110 >docs/images/explained-bill.svg
