package console

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/language"
)

//go:embed lang/zh.yaml lang/en.yaml
var langFiles embed.FS

// languages are the ones that pages exist in; the first is what a visitor gets
// whose browser asks for neither.
var languages = []string{"en", "zh"}

// A tongue holds the sentences of one language by key. Sentences have named
// places: "{n} cards".
type tongue struct {
	lang      string
	sentences map[string]string
}

func loadTongue(lang string) (*tongue, error) {
	data, err := langFiles.ReadFile("lang/" + lang + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("load language: %w", err)
	}
	t := &tongue{lang: lang, sentences: map[string]string{}}
	if err := yaml.Unmarshal(data, &t.sentences); err != nil {
		return nil, fmt.Errorf("load language %s: %w", lang, err)
	}
	return t, nil
}

// say returns the sentence with its places filled: say("case.count", "n", 3).
// A key that is not there shows itself in brackets, which a test looks for.
func (t *tongue) say(key string, fill ...any) string {
	s, ok := t.sentences[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	for i := 0; i+1 < len(fill); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%v}", fill[i]), t.word(fill[i+1]))
	}
	return s
}

// sayOf returns the sentence of one value of a list: sayOf("state", "closed").
// A value without one of its own gets that of "other", if the list has it.
func (t *tongue) sayOf(prefix string, value any, fill ...any) string {
	key := prefix + "." + fmt.Sprint(value)
	if _, ok := t.sentences[key]; !ok && t.sentences[prefix+".other"] != "" {
		key = prefix + ".other"
	}
	return t.say(key, fill...)
}

// count returns the sentence for a number: key.one for 1, or else key.many,
// with {n} filled.
func (t *tongue) count(key string, n any, fill ...any) string {
	form := ".many"
	if fmt.Sprint(n) == "1" {
		form = ".one"
	}
	return t.say(key+form, append([]any{"n", n}, fill...)...)
}

func (t *tongue) word(v any) string {
	switch v := v.(type) {
	case int:
		return grouped(int64(v))
	case int64:
		return grouped(v)
	}
	return fmt.Sprint(v)
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// join puts words in a row: "a, b and c".
func (t *tongue) join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], t.say("join.comma")) + t.say("join.and") + words[last]
}

const langCookie = "stanch_lang"

var matcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// languageOf picks the language of a page: the account's, then the one picked
// on a page before, then what the browser asks for.
func languageOf(account string, r *http.Request) string {
	for _, l := range languages {
		if account == l {
			return l
		}
	}
	if c, err := r.Cookie(langCookie); err == nil && (c.Value == "zh" || c.Value == "en") {
		return c.Value
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return languages[0]
	}
	_, index, _ := matcher.Match(tags...)
	return languages[index]
}
