package module

import "strings"

// vendoredFile is something embedded in the binary that is no Go module.
type vendoredFile struct {
	Module
	file    string // in the repository
	licence string
}

// vendored lists what is kept in the repository as others made it.
func vendored() []vendoredFile {
	htmx := Module{Path: "htmx.org", Version: "4.0.1", URL: "pkg:npm/htmx.org@4.0.1"}
	sse := Module{Path: "htmx.org/hx-sse", Version: "4.0.1", URL: "pkg:npm/htmx.org@4.0.1#dist/ext/hx-sse.min.js"}
	const assets, licence = "internal/console/assets/", "internal/console/assets/htmx.LICENSE"
	return []vendoredFile{
		{htmx, assets + "htmx.min.js", licence},
		{sse, assets + "hx-sse.min.js", licence},
	}
}

// identify names a licence by phrases that it alone has. A text that is not
// known has no name, which a person then looks into.
func identify(text []byte) string {
	words := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
	has := func(phrase string) bool { return strings.Contains(words, phrase) }
	switch {
	case has("apache license") && has("version 2.0"):
		return "Apache-2.0"
	case has("mozilla public license") && has("2.0"):
		return "MPL-2.0"
	case has("gnu general public license"), has("gnu lesser general public"), has("gnu affero"):
		return "" // not something we may ship without thought
	case has("permission is hereby granted, free of charge"):
		return "MIT"
	case has("redistribution and use in source and binary forms"):
		if has("neither the name") || has("may be used to endorse or promote") {
			return "BSD-3-Clause"
		}
		return "BSD-2-Clause"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"):
		if has("provided that the above copyright notice") {
			return "ISC"
		}
		return "0BSD"
	}
	return ""
}
