package finding

import "github.com/stanch/stanch/card"

// A Match is one occurrence of card data with its digits already replaced by
// a token and a masked form. It is the jsonl line of `stanch scan`, and what
// findings are made of. It holds no clear digits.
type Match struct {
	Class      string     `json:"class"`          // what it is: the heaviest kind of a joined record
	Also       []string   `json:"also,omitempty"` // the other kinds in the record
	Path       string     `json:"path"`           // "!" between container and member; card numbers in names masked
	Line       int64      `json:"line,omitempty"` // 1-based, absent where lines mean nothing
	Column     int64      `json:"column,omitempty"`
	Offset     int64      `json:"offset"` // bytes of the outermost encoded run in the innermost member
	Length     int64      `json:"length"`
	Encoding   string     `json:"encoding,omitempty"` // outside in, as hex>base64>gzip; absent for plain bytes
	Masked     string     `json:"masked"`             // first six, stars, last four
	Brand      card.Brand `json:"brand,omitempty"`
	Confidence string     `json:"confidence"` // low, medium or high
	Token      card.Token `json:"token,omitempty"`
	Test       bool       `json:"test,omitempty"`    // a published test number
	Context    []string   `json:"context,omitempty"` // labels from our own lists, never copied text
}
