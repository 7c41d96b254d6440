/**
 * Words that say what state or kind something is and nothing about anybody: the only texts of a record that leave in
 * clear under strict redaction. A word that is not here is told by its length; adding one is adding it to the list.
 */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  a b c d e f x y
  active inactive enabled disabled on off yes no true false none null unknown other default custom test demo
  new open opened opening closed closing pending waiting queued scheduled planned draft started running progress paused
  resumed stopped done complete completed finished failed failure error success successful succeeded partial partially
  ok valid invalid verified unverified confirmed unconfirmed approved unapproved rejected declined denied accepted
  cancelled canceled aborted expired overdue late early due suspended blocked locked unlocked archived deleted removed
  hidden visible public private internal external shared restricted
  paid unpaid invoiced billed refunded refund charged chargeback settled authorised authorized captured voided void
  payment invoice credit debit cash card transfer bank cheque check voucher prepaid postpaid wire
  order ordered processing processed packed shipped shipping dispatched delivered undelivered returned return exchange
  replaced backordered reserved delivery shipment stock in out of for to by and or not per at
  low medium high normal urgent critical minor major severe info warning notice debug fatal
  small large regular standard basic premium plus pro enterprise business consumer retail wholesale trial free gold silver
  bronze platinum
  user admin administrator guest member owner editor viewer operator manager support sales service system bot api web app
  mobile desktop tablet phone email sms post mail online offline store shop import export sync manual automatic auto
  read write create created update updated insert query mutation request response get put patch delete
  person company organisation organization customer supplier vendor partner employee contractor
  daily weekly monthly quarterly yearly annual once hour day week month quarter year
  monday tuesday wednesday thursday friday saturday sunday
  north south east west central
  red green blue yellow black white grey gray
  audio video image document text file music movie book rock jazz classical metal pop blues latin
  first second third last next previous
  `
    .trim()
    .split(/\s+/),
);

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** `in_progress`, `Credit card`, `EUR`, `AT`: parts all common, or the code of a currency or country. */
export function isCommonWord(text: string): boolean {
  if (text.length > 40) return false;
  if (/^[A-Z]{2}$/.test(text)) return REGIONS.of(text) !== undefined;
  if (/^[A-Z]{3}$/.test(text) && CURRENCIES.has(text)) return true;
  const parts = text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/);
  return parts.length <= 4 && parts.every((part) => COMMON_WORDS.has(part));
}
