package courier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
)

// writeDingTalk writes a message to a DingTalk group robot. With a key the
// address gets a time in milliseconds and a signature: HMAC-SHA256 with the
// key over the time, a line feed and the key.
func writeDingTalk(to *url.URL, s estate.Secret, m notice.Message, now time.Time) (*http.Request, error) {
	type markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	body, err := json.Marshal(struct {
		Type     string   `json:"msgtype"`
		Markdown markdown `json:"markdown"`
	}{"markdown", markdown{m.Title(), cut(m.Markdown(), dingTalkLimit)}})
	if err != nil {
		return nil, err
	}
	signed := *to
	if s.Key != "" {
		at := strconv.FormatInt(now.UnixMilli(), 10)
		h := hmac.New(sha256.New, []byte(s.Key))
		h.Write([]byte(at + "\n" + s.Key))
		query := signed.Query()
		query.Set("timestamp", at)
		query.Set("sign", base64.StdEncoding.EncodeToString(h.Sum(nil)))
		signed.RawQuery = query.Encode()
	}
	return newRequest(&signed, body)
}

// writeWeCom writes a message to a WeCom group robot, whose address is all the
// secret there is.
func writeWeCom(to *url.URL, _ estate.Secret, m notice.Message, _ time.Time) (*http.Request, error) {
	type markdown struct {
		Content string `json:"content"`
	}
	body, err := json.Marshal(struct {
		Type     string   `json:"msgtype"`
		Markdown markdown `json:"markdown"`
	}{"markdown", markdown{cut(m.Markdown(), weComLimit)}})
	if err != nil {
		return nil, err
	}
	return newRequest(to, body)
}

// Bytes that the robots take in one message.
const (
	dingTalkLimit = 18_000
	weComLimit    = 4_096
)

// cut shortens a text to whole lines within a number of bytes. The last line
// is the link to the console and stays.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	link := text[strings.LastIndexByte(strings.TrimRight(text, "\n"), '\n'):]
	head := text[:max(0, most-len(link)-len("\n…\n"))]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	if i := strings.LastIndexByte(head, '\n'); i > 0 {
		head = head[:i]
	}
	return head + "\n…\n" + link
}

// Error codes by which the vendors say that messages come too fast, and how
// long they want silence then.
const (
	dingTalkTooFast = 130101
	weComTooFast    = 45009
)

func dingTalkAnswered(body []byte) *notice.Fault {
	return robotAnswered(body, dingTalkTooFast, 10*time.Minute)
}

func weComAnswered(body []byte) *notice.Fault {
	return robotAnswered(body, weComTooFast, time.Minute)
}

// robotAnswered reads the code that both vendors answer with. A body without
// one is not an answer of theirs.
func robotAnswered(body []byte, tooFast int, silence time.Duration) *notice.Fault {
	var answer struct {
		Code *int `json:"errcode"`
	}
	switch err := json.Unmarshal(body, &answer); {
	case err != nil || answer.Code == nil:
		return &notice.Fault{Word: notice.Refused}
	case *answer.Code == tooFast:
		return &notice.Fault{Word: notice.TooFast, Code: *answer.Code, After: silence}
	case *answer.Code != 0:
		return &notice.Fault{Word: notice.Refused, Code: *answer.Code}
	}
	return nil
}
