package pdf

// A kind is the type of an object, or of a token that is none.
type kind uint8

const (
	isNull   kind = iota
	isNumber      // num
	isBool        // num is 0 or 1
	isString      // text, decrypted and decoded from its written form
	isName        // text, without the slash
	isArray       // list
	isDict        // list: keys and values in turn
	isStream      // list of its dictionary; at; num and gen of its own
	isRef         // num, gen
	isWord        // text: an operator or keyword
	isClose       // text: ] or >
)

// An object is a value in a PDF.
type object struct {
	kind kind
	gen  int32
	num  float64
	text []byte
	list []object
	at   int64 // of a stream's first byte
}

// get returns the value of a key in a dictionary or stream, not resolved.
func (o *object) get(key string) object {
	if o.kind != isDict && o.kind != isStream {
		return object{}
	}
	for i := 0; i+1 < len(o.list); i += 2 {
		if string(o.list[i].text) == key {
			return o.list[i+1]
		}
	}
	return object{}
}

// integer returns a number as int, 0 if it is none or out of range.
func (o object) integer() int {
	if o.kind != isNumber || o.num > 1<<52 || o.num < -1<<52 {
		return 0
	}
	return int(o.num)
}

// is reports whether o is the name.
func (o object) is(name string) bool { return o.kind == isName && string(o.text) == name }

// typed reports whether a dictionary or stream says that it is of the type.
func (o object) typed(name string) bool { return o.get("Type").is(name) }

// word reports whether o is the keyword.
func (o object) word(w string) bool { return o.kind == isWord && string(o.text) == w }
