#!/usr/bin/env bash
# Makes docs/pictures anew: the browser tests take a picture of every page, and
# the few that the documents show are cut, scaled and brought down to a palette.
# Needs Chromium, a Chinese font and ImageMagick; takes about five minutes.
#
# STANCH_SCREENSHOTS names a folder of pictures to use in place of new ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

convert=$(command -v magick || command -v convert-im6 || command -v convert) || {
	echo "pictures: ImageMagick is missing; apt-get install imagemagick" >&2
	exit 1
}
shots=${STANCH_SCREENSHOTS:-}
if [ -z "$shots" ]; then
	shots=$(mktemp -d)
	# The pictures show where the made-up shop's files lie.
	home=/srv/pos
	mkdir -p "$home" 2>/dev/null || home=$(mktemp -d)
	trap 'rm -rf "$shots"; rmdir "$home" 2>/dev/null || true' EXIT
	STANCH_SCREENSHOTS=$shots STANCH_SCREENSHOTS_SHOP=$home/till-1 go test ./internal/console -run 'TestBrowserGallery$' -count=1
fi

mkdir -p docs/pictures
# picture PAGE-WIDTH NAME SIZE HEIGHT: scaled to SIZE wide, then cut to HEIGHT.
picture() {
	local lang
	for lang in en zh; do
		"$convert" "$shots/${1%-*}-$lang-${1##*-}-light.png" -resize "$3x" -gravity north -crop "x$4+0+0" +repage \
			-bordercolor '#d5d9d7' -border 1 -strip +dither -colors 128 -define png:compression-level=9 -define png:exclude-chunks=date,time "PNG8:docs/pictures/$2-$lang.png"
	done
}
picture overview-1440 overview 1100 900
picture finding-1440 finding 1100 700
picture case-1440 case 1100 900
picture plan-1440 plan 1100 800
picture sheet-1440 sheet 1100 1000
picture case-390 phone 390 1100
ls -l docs/pictures
