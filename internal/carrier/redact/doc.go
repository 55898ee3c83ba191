// Package redact makes a copy of a file in which no card data can be read any
// more. In goes a text or an office document, read at any place; out comes its
// masked form, to be read the same way: a text keeps its size and its lines, a
// document its parts, their order and names, and opens as it did.
//
// A copy is handed out only after a scan of it found nothing. What cannot be
// brought to that (databases, pictures, programs, archives, encrypted and
// signed documents) is refused. The package writes no file, and no error of it
// holds what it read.
package redact
