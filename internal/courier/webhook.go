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

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
)

// payload is the body of a webhook, in the shape that Standard Webhooks
// recommends.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Reason notice.Reason `json:"reason"`
	Title  string        `json:"title"`
	Link   string        `json:"link"`
	Cases  []caseData    `json:"cases"`
	More   int64         `json:"more,omitempty"`
}

type caseData struct {
	Number     int64         `json:"number"`
	CodenameZH string        `json:"codename_zh"`
	CodenameEN string        `json:"codename_en"`
	Reason     notice.Reason `json:"reason"`
	Link       string        `json:"link"`
}

// writeWebhook signs a message as Standard Webhooks describe it: HMAC-SHA256
// over id, time and body, with the bytes behind the prefix of the key. The id
// stays the same at each attempt, so a receiver can drop what it has.
func writeWebhook(to *url.URL, s estate.Secret, m notice.Message, now time.Time) (*http.Request, error) {
	p := payload{Type: "alarm." + string(m.Reason), Timestamp: m.At, Data: data{Reason: m.Reason, Title: m.Title(), Link: m.Link, Cases: []caseData{}, More: m.More}}
	for _, i := range m.Items {
		p.Data.Cases = append(p.Data.Cases, caseData(i))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Key, "whsec_"))
	if err != nil {
		return nil, err
	}
	request, err := newRequest(to, body)
	if err != nil {
		return nil, err
	}
	at := strconv.FormatInt(now.Unix(), 10)
	h := hmac.New(sha256.New, key)
	h.Write([]byte(m.ID + "." + at + "."))
	h.Write(body)
	request.Header.Set("webhook-id", m.ID)
	request.Header.Set("webhook-timestamp", at)
	request.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	return request, nil
}
