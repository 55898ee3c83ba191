// Package ole reads the compound files of older office programs: documents,
// workbooks, presentations and mails. In goes random access to a file, out
// come its streams, and for the streams of Word, Excel and PowerPoint their
// text, with the rows of a sheet as lines and its cells between tabs.
//
// It holds the table of sectors and a bounded part of the shared strings in
// memory, ends chains that run in circles, and takes nothing from the file on
// trust.
package ole
