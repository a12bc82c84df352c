create or replace function md.find_action_defect(
    p_kind          text,
    p_symbol        text,
    p_session_on    date,
    p_ratio         text,
    p_num           bigint,
    p_den           bigint,
    p_amount        text,
    p_amount_micros bigint,
    p_record_text   text,
    p_record_on     date,
    p_pay_text      text,
    p_pay_on        date,
    p_cancels_text  text,
    p_cancels_id    uuid,
    p_known_at      timestamptz,
    p_now_at        timestamptz
)
returns text
language sql
immutable
parallel safe
return case
    when p_kind is null or p_kind not in ('SPLIT', 'CASH_DIVIDEND') then 'KIND_UNKNOWN'
    when p_symbol is null then 'SYMBOL_UNKNOWN'
    when p_session_on is null then 'NOT_A_SESSION'
    when p_kind = 'SPLIT' and (p_num = p_den or greatest(p_num, p_den) > 10000)
      or p_kind <> 'SPLIT' and p_ratio is not null then 'RATIO_INVALID'
    when p_kind = 'CASH_DIVIDEND'
         and coalesce(p_amount_micros not between 1 and 1000000000000, true)
      or p_kind <> 'CASH_DIVIDEND' and p_amount is not null then 'AMOUNT_INVALID'
    when p_kind = 'CASH_DIVIDEND' and coalesce(p_pay_on < p_session_on, true)
      or p_kind <> 'CASH_DIVIDEND' and num_nonnulls(p_pay_text, p_record_text) > 0
      or p_record_text is not null and p_record_on is null then 'PAYMENT_INVALID'
    when p_known_at is null or p_known_at > p_now_at then 'ANNOUNCEMENT_INVALID'
    when p_cancels_text is not null and p_cancels_id is null then 'CANCELS_INVALID'
end;

comment on function md.find_action_defect(
    text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, text, uuid,
    timestamptz, timestamptz) is
$$The first law that a row of corporate actions breaks, or null. A split has a ratio of at most 10000 to 1
and nothing else; a dividend an amount and a day of payment not before its ex session; nothing is
announced in the future.$$;
