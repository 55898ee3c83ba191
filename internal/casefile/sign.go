package casefile

// A Range is a count that people know roughly. Unknown ends are -1.
type Range struct {
	Low  int64 `json:"low"`
	High int64 `json:"high"`
}

// Known reports whether both ends are known.
func (r Range) Known() bool { return r.Low >= 0 && r.High >= 0 }

// A Sign is what a person reports that no scanner sees. It can be erased by
// its id.
type Sign struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"`     // of packs/signs.yaml
	Reporter string   `json:"reporter"` // of packs/signs.yaml
	Place    string   `json:"place,omitempty"`
	Store    string   `json:"store,omitempty"` // id of an estate node
	From     int64    `json:"from,omitempty"`  // window, Unix microseconds
	To       int64    `json:"to,omitempty"`
	Data     []string `json:"data,omitempty"` // data class ids
	Cards    Range    `json:"cards"`
	Text     string   `json:"text,omitempty"`
	By       string   `json:"by"`
	At       int64    `json:"at"`
	Entry    int64    `json:"entry"`              // that it was written by
	Exhibits []string `json:"exhibits,omitempty"` // ids of attachments
}
