package scan

// A meaning is what a label in the text says about the value beside it.
type meaning uint8

const (
	noMeaning meaning = iota
	meansCard
	meansCVV
	meansExpiry
	meansTrack
	meansID
	meansName     // of a person
	meansAddress  // where a person lives
	meansPay      // a payment is spoken of
	meansOther    // names something that is no card number
	meansPhone    // names a phone number
	meansOtherBig // so for numbers of 17 digits and more
)

// The ids that Match.Context holds.
const (
	ctxCard      = "card"
	ctxCVV       = "cvv"
	ctxExpiry    = "expiry"
	ctxTrack     = "track"
	ctxID        = "resident_id"
	ctxHeader    = "column_name"
	ctxGrouped   = "grouped"
	ctxNoLuhn    = "no_check_digit"
	ctxOther     = "other_label"
	ctxDecimal   = "decimal"
	ctxHex       = "hex"
	ctxGlued     = "glued"
	ctxCompound  = "compound"
	ctxChain     = "number_chain"
	ctxIBAN      = "iban"
	ctxDate      = "date_time"
	ctxReference = "reference_number"
	ctxEAN       = "ean"
	ctxRepeated  = "repeated_digit"
	ctxCompany   = "among_non_cards"
	ctxPassword  = "password"
	ctxKey       = "key"
	ctxPIN       = "pin_block"
	ctxAccount   = "bank_account"
	ctxPhone     = "phone"
	ctxPerson    = "personal_data"
	ctxISO8583   = "iso8583"
	ctxEMV       = "emv"
	ctxArray     = "number_array"
)

// Labels returns the ids that the context of a match may hold: labels met
// beside the number, then reasons to doubt it.
func Labels() []string {
	return []string{
		ctxCard, ctxCVV, ctxExpiry, ctxTrack, ctxID, ctxHeader, ctxGrouped,
		ctxNoLuhn, ctxOther, ctxDecimal, ctxHex, ctxGlued, ctxCompound, ctxChain,
		ctxIBAN, ctxDate, ctxReference, ctxEAN, ctxRepeated, ctxCompany,
		ctxPassword, ctxKey, ctxPIN, ctxAccount, ctxPhone, ctxPerson,
		ctxISO8583, ctxEMV, ctxArray,
	}
}

// A label is a word that says what the value beside it is. Words in Latin
// letters are held in lower case and begin where a word begins; whole ones end
// where it ends, too.
type label struct {
	text  string
	means meaning
	whole bool
}

// labels is sorted by first byte; of two with one beginning the longer is first.
var labels = [...]label{
	{"address", meansAddress, false}, {"addr", meansAddress, true}, {"acctno", meansCard, false},
	{"acctnum", meansCard, false}, {"account", meansCard, false}, {"auth_code", meansOther, false},
	{"authcode", meansOther, false}, {"auth code", meansOther, false}, {"arqc", meansOther, true},
	{"auth", meansPay, true}, {"authoris", meansPay, false}, {"authoriz", meansPay, false},
	{"bankcard", meansCard, false}, {"barcode", meansOther, false}, {"bit2", meansCard, true},
	{"batch no", meansOther, true}, {"batchno", meansOther, true}, {"batch_no", meansOther, true},
	{"card security", meansCVV, false}, {"card_security", meansCVV, false}, {"card verif", meansCVV, false},
	{"charge", meansPay, false}, {"cardholder", meansName, false}, {"card", meansCard, false},
	{"ccnum", meansCard, false}, {"ccno", meansCard, true}, {"cc", meansCard, true}, {"credit", meansCard, false},
	{"customerpan", meansCard, false}, {"cvv", meansCVV, false}, {"cvc", meansCVV, false}, {"cvn", meansCVV, false},
	{"cav2", meansCVV, false}, {"csc", meansCVV, true}, {"customer", meansName, true}, {"contact", meansName, true},
	{"debit", meansCard, false}, {"deposit", meansPay, true}, {"de002", meansCard, true}, {"de2", meansCard, true},
	{"digest", meansOther, true}, {"ean", meansOther, false}, {"epoch", meansOther, false}, {"etag", meansOther, false},
	{"expir", meansExpiry, false}, {"expdate", meansExpiry, false}, {"exp", meansExpiry, true},
	{"expmonth", meansExpiry, false}, {"expyear", meansExpiry, false},
	{"f002", meansCard, true}, {"f02", meansCard, true}, {"fax", meansOther, true}, {"fingerprint", meansOther, false},
	{"gtin", meansOther, false}, {"good thru", meansExpiry, false}, {"guid", meansOther, true},
	{"hash", meansOther, false}, {"iban", meansOther, false}, {"id_card", meansID, false}, {"idcard", meansID, false},
	{"id card", meansID, false}, {"idno", meansID, true}, {"id_no", meansID, true}, {"identity", meansID, false},
	{"imei", meansOther, false}, {"imsi", meansOther, false}, {"iccid", meansOther, false}, {"isbn", meansOther, false},
	{"id", meansOtherBig, true}, {"invoice no", meansOther, true}, {"invoiceno", meansOther, true},
	{"invoice_no", meansOther, true}, {"ksn", meansOther, true},
	{"lat", meansOther, true}, {"lon", meansOther, true}, {"lng", meansOther, true},
	{"md5", meansOther, false}, {"mobile", meansPhone, false}, {"msisdn", meansPhone, false}, {"mid", meansOther, true},
	{"merchant id", meansOther, true}, {"merchant no", meansOther, true}, {"merchantid", meansOther, true},
	{"merchantno", meansOther, true}, {"merchant_id", meansOther, true}, {"merchant_no", meansOther, true},
	{"name", meansName, true}, {"nonce", meansOtherBig, true}, {"nanos", meansOther, false},
	{"offset", meansOtherBig, false}, {"order number", meansOther, false}, {"order no", meansOther, true},
	{"order id", meansOther, true}, {"orderno", meansOther, true}, {"orderid", meansOther, true},
	{"order_no", meansOther, true}, {"order_id", meansOther, true},
	{"paid", meansPay, true}, {"pay", meansPay, false}, {"purchase", meansPay, false}, {"phone", meansPhone, false},
	{"primaryaccount", meansCard, false}, {"primary account", meansCard, false}, {"primary_account", meansCard, false},
	{"pan", meansCard, true}, {"preauth", meansPay, false}, {"qr_code", meansOther, false}, {"qrcode", meansOther, false},
	{"qr code", meansOther, false}, {"refund", meansPay, false}, {"resident", meansID, false}, {"rrn", meansOther, true},
	{"security code", meansCVV, false}, {"security_code", meansCVV, false}, {"securitycode", meansCVV, false},
	{"seed", meansOtherBig, true}, {"seq", meansOtherBig, false}, {"sfz", meansID, false}, {"sha1", meansOther, false},
	{"sha256", meansOther, false}, {"sha", meansOther, true}, {"snowflake", meansOther, false},
	{"stan", meansOther, true}, {"serial no", meansOther, true}, {"serialno", meansOther, true},
	{"serial_no", meansOther, true}, {"serial number", meansOther, false}, {"sn", meansOther, true},
	{"trade_no", meansOther, true}, {"tradeno", meansOther, true}, {"transaction_id", meansOther, true},
	{"transactionid", meansOther, true}, {"tc", meansOther, true}, {"telephone", meansPhone, false},
	{"tel", meansPhone, true}, {"timestamp", meansOther, false}, {"trace", meansOther, false},
	{"track", meansTrack, false}, {"tid", meansOther, true}, {"terminal id", meansOther, true},
	{"terminal no", meansOther, true}, {"terminalid", meansOther, true}, {"terminal_id", meansOther, true},
	{"uint64", meansOther, false}, {"upc", meansOther, true}, {"uuid", meansOther, true}, {"uid", meansOtherBig, true},
	{"valid thru", meansExpiry, false}, {"valid to", meansExpiry, false}, {"valid until", meansExpiry, false},
	{"validthru", meansExpiry, false}, {"valid_thru", meansExpiry, false}, {"voucher no", meansOther, true},
	{"voucherno", meansOther, true}, {"voucher_no", meansOther, true}, {"付款码", meansOther, false},
	{"主账号", meansCard, false}, {"付款", meansPay, false}, {"住址", meansAddress, false}, {"信用卡", meansCard, false},
	{"借记卡", meansCard, false}, {"到期", meansExpiry, false}, {"地址", meansAddress, false}, {"姓名", meansName, false},
	{"客户", meansName, false}, {"刷卡", meansPay, false}, {"卡号", meansCard, false}, {"安全码", meansCVV, false},
	{"商户号", meansOther, false}, {"商户编号", meansOther, false}, {"商户代码", meansOther, false}, {"凭证", meansOther, false},
	{"参考号", meansOther, false}, {"单号", meansOther, false}, {"小票号", meansOther, false}, {"序列号", meansOther, false},
	{"户名", meansName, false}, {"持卡人", meansName, false}, {"扫码", meansOther, false}, {"手机", meansPhone, false},
	{"支付", meansPay, false}, {"有效期", meansExpiry, false}, {"条码", meansOther, false}, {"条形码", meansOther, false},
	{"校验码", meansCVV, false}, {"流水号", meansOther, false}, {"批次", meansOther, false}, {"检索", meansOther, false},
	{"流水", meansOther, false}, {"授权码", meansOther, false}, {"授权号", meansOther, false}, {"消费", meansPay, false},
	{"电话", meansPhone, false}, {"磁道", meansTrack, false}, {"终端号", meansOther, false}, {"终端编号", meansOther, false},
	{"联系人", meansName, false}, {"证件", meansID, false}, {"账号", meansCard, false}, {"身份证", meansID, false},
	{"订单号", meansOther, false}, {"订单编号", meansOther, false}, {"预授权", meansPay, false}, {"退款", meansPay, false},
	{"银行卡", meansCard, false},
}

// labelsFrom holds, for each first byte, where its labels are.
var labelsFrom = func() (at [256]struct{ low, high uint8 }) {
	for i, l := range labels {
		entry := &at[l.text[0]]
		if entry.high == 0 {
			entry.low = uint8(i)
		}
		entry.high = uint8(i + 1)
	}
	return at
}()

// labelAt returns the meaning of the label that begins at text[i], and its
// length. The length is 0 if none does.
func labelAt(text []byte, i int) (meaning, int) {
	first := text[i]
	if letter(first) {
		if i > 0 && alphanumeric(text[i-1]) && !(upper(first) && !upper(text[i-1])) && !escaped(text[:i]) {
			return noMeaning, 0
		}
		first |= 0x20
	}
	entry := labelsFrom[first]
	for k := entry.low; k < entry.high; k++ {
		l := &labels[k]
		if hasPrefixFold(text[i:], l.text) && (!l.whole || wordEnds(text, i+len(l.text))) {
			return l.means, len(l.text)
		}
	}
	if first == 'd' || first == 'f' || first == 'b' {
		return elementLabel(text, i)
	}
	return noMeaning, 0
}

// elementLabel reads the name of a data element of ISO 8583, as DE37, F061,
// bit 42, or field id="2". Elements that are free to hold anything mean nothing.
func elementLabel(text []byte, i int) (meaning, int) {
	at := 0
	for _, name := range [...]string{"field id=\"", "field ", "field", "bit ", "bit", "de", "f"} {
		if hasPrefixFold(text[i:], name) {
			at = i + len(name)
			break
		}
	}
	end, element := at, 0
	for at > 0 && end < len(text) && end-at < 3 && digit(text[end]) {
		element = element*10 + int(text[end]-'0')
		end++
	}
	if end == at || end < len(text) && alphanumeric(text[end]) {
		return noMeaning, 0
	}
	switch {
	case element == 2:
		return meansCard, end - i
	case element >= 3 && element <= 33, element >= 37 && element <= 44, element >= 49 && element <= 53, element == 56,
		element == 60, element == 61, element == 90:
		return meansOther, end - i // times, amounts, codes, references, what is sent back of the original
	case element >= 34 && element <= 36, element == 45:
		return meansTrack, end - i
	}
	return noMeaning, 0
}

// wordEnds reports whether a word that ends before text[i] goes no further.
func wordEnds(text []byte, i int) bool {
	return i == len(text) || !letter(text[i]) || upper(text[i]) && !upper(text[i-1])
}

func hasPrefixFold(text []byte, low string) bool {
	if len(text) < len(low) {
		return false
	}
	for i := range len(low) {
		c := text[i]
		if upper(c) {
			c |= 0x20
		}
		if c != low[i] {
			return false
		}
	}
	return true
}

// lower holds the small letter for each capital, and any other byte itself.
var lower = func() (to [256]byte) {
	for i := range to {
		to[i] = byte(i)
		if upper(byte(i)) {
			to[i] |= 0x20
		}
	}
	return to
}()

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func upper(c byte) bool  { return c >= 'A' && c <= 'Z' }

// eachLabel calls found for each label in text, from left to right. A label
// inside another is passed over, and so is the name in a closing tag.
func eachLabel(text []byte, found func(m meaning, start, end int)) {
	for i := 0; i < len(text); i++ {
		if labelsFrom[lower[text[i]]].high == 0 {
			continue // no label begins so
		}
		if m, n := labelAt(text, i); n > 0 {
			if i < 2 || text[i-1] != '/' || text[i-2] != '<' {
				found(m, i, i+n)
			}
			i += n - 1
		}
	}
}
