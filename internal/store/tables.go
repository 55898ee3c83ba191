package store

// A Class says how a table stands to the ledger.
type Class string

// The classes of tables.
const (
	Folded  Class = "folded"  // replayed by Apply and compared row by row
	Derived Class = "derived" // can be rebuilt from what is outside or in other tables
	Facts   Class = "facts"   // high volume; a digest of each sealed segment is an entry
	Passing Class = "passing" // sign-ins, jobs, leases, limits: not recorded
	Record  Class = "record"  // the ledger itself
)

// Tables lists every table of the schema with its class. A test fails on a
// table that is not listed, so none can be off the record by oversight.
func Tables() map[string]Class {
	all := map[string]Class{
		"ledger_head":        Record,
		"ledger_nodes":       Record,
		"ledger_checkpoints": Record,
		"ledger_entries":     Record,
		"schema_hashes":      Passing,
		"schema_versions":    Passing,
	}
	for _, n := range nouns() {
		all[n.table] = Folded
	}
	for _, t := range rest() {
		all[t.name] = t.class
	}
	return all
}

// A table is one that is not folded.
type table struct {
	name  string
	class Class
}

// rest lists the tables that hold neither things nor the ledger.
func rest() []table {
	return []table{
		{"house_secrets", Passing}, {"alarm_results", Passing},
		{"watch_marks", Derived}, {"watch_troubles", Derived},
		{"answers", Passing},
		{"credentials", Passing}, {"links", Passing}, {"sessions", Passing}, {"signins", Passing}, {"apitoken_secrets", Passing},
	}
}
