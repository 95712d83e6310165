#!/bin/sh
# check-desktop.sh DATA-FOLDER ACTORSCOPE PROGRAM... - what the desktop is told of the viewer, as its
# own tools see it: the menu entry, the description for software centres, the type of a trace (of
# PROGRAM). What cannot be checked is said; exit 77 (skipped) when that is anything.
data=$1 actorscope=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
missing=

has() {
	command -v "$1" >/dev/null || { echo "not checked: no $1"; missing=1; return 1; }
}

if has desktop-file-validate; then
	desktop-file-validate "$data/org.actorscope.Viewer.desktop" || exit 1
fi
if has appstreamcli; then
	appstreamcli validate --no-net "$data/org.actorscope.Viewer.metainfo.xml" || exit 1
fi
if has update-mime-database && has gio; then
	mkdir -p "$scratch/mime/packages"
	cp "$data/org.actorscope.Viewer.mime.xml" "$scratch/mime/packages/"
	update-mime-database "$scratch/mime" || exit 1
	# No name of its own: the bytes must tell.
	"$actorscope" record --quiet -o "$scratch/trace" -- "$@" >/dev/null || exit 1
	type=$(XDG_DATA_HOME=$scratch gio info -a standard::content-type "$scratch/trace" | sed -n 's/.*content-type: //p')
	if [ "$type" != application/vnd.actorscope.trace ]; then
		echo "a trace is taken for: $type"
		exit 1
	fi
	echo "a trace is $type"
fi
[ -z "$missing" ] || exit 77
