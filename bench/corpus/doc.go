// Package corpus makes the files by which Stanch's detection is measured. In
// goes a family and a seed; out comes a folder with card numbers in every
// carrier that real systems use, the numbers that only look like cards, and a
// list of what was planted where. It knows nothing of how Stanch looks for
// them: what is planted is the truth, whatever a scanner says.
//
// The two families share the classes and nothing else: labels, layouts,
// separators, file names, BINs and seeds differ. Rules are made on [Tuning];
// what is published is measured on [Report].
//
// Numbers are made at run time under BINs of published test cards, resident
// IDs under region codes given to nobody, and telephone numbers under prefixes
// given to nobody.
package corpus
