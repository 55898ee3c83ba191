// Package cell examines hostile bytes apart. In goes one input and a place for
// its matches; out come matches whose digits are already a token and a masked
// form, and a report of what was read and what was not.
//
// Plain text is scanned in this process. Containers are parsed in a worker:
// the same binary, started without environment, keys or files, that has only
// two pipes. It asks for ranges of the input over one and sends what it found
// over the other. The parent believes nothing it is sent, watches the time and
// the memory, and kills a worker that oversteps; that costs the one input,
// which is then named in the report.
//
// The package never writes a clear digit anywhere but into those pipes, and
// never logs. Nothing outlives Close.
package cell
