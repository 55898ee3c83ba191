package evidence

import "github.com/stanch/stanch/ledger"

// A History is what the ledger says of an exhibit, with the proof that it
// says so.
type History struct {
	Checkpoint []byte // signed note
	Entries    []Proved
}

// A Proved is an entry with the hashes that lead from it to the checkpoint.
type Proved struct {
	Index   int64         `json:"index"`
	Payload []byte        `json:"payload"` // canonical JSON
	Salt    []byte        `json:"salt"`
	Proof   []ledger.Hash `json:"proof"`
}
