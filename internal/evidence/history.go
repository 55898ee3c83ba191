package evidence

// A History is what the ledger says of an exhibit, with the proof that it
// says so.
type History struct {
	Checkpoint []byte // signed note
	Entries    []Proved
}

// A Proved is an entry with the hashes that lead from it to the checkpoint.
// Payload and Salt are nil once erased.
type Proved struct {
	Index   int64    `json:"index"`
	Payload []byte   `json:"payload"`
	Salt    []byte   `json:"salt"`
	Leaf    []byte   `json:"leaf"`
	Proof   [][]byte `json:"proof"`
}
