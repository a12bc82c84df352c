create or replace function lab.get_standing(
    p_exchange_id text,
    p_symbol      text,
    p_config      jsonb,
    p_now_at      timestamptz,
    out instrument_kind text,
    out is_listed       boolean,
    out session_state   text,
    out restriction     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.instrument_kind, coalesce(l.is_listed, false),
           case when s.opens_at <= p_now_at then 'OPEN' when s.opens_at > p_now_at then 'CLOSED' end,
           coalesce(b.ban, (
               select r.restriction from risk.restrictions as r
                where r.symbol = p_symbol
                  and coalesce(r.effective_at, r.restricted_at) <= p_now_at
                order by r.restriction_seq desc limit 1), 'NONE')
      from (values (p_symbol)) as o (symbol)
      left join lateral ref.get_next_session(p_exchange_id, p_now_at) as s on true
      left join lateral ref.get_listing(o.symbol, s.session_on) as l on true
     cross join lateral (
        select case when exists (
                select from jsonb_array_elements_text(p_config #> '{data,forbid_periods}') as p
                 cross join lateral string_to_array(p.value, ' ') as w
                 where w[1] = o.symbol
                   and s.session_on between core.parse_date(w[2]) and core.parse_date(w[3]))
            or p_config #>> '{data,corporate_actions}' = 'FORBID' and exists (
                select from md.list_actions_as_of(o.symbol, p_now_at) as a
                 where a.ex_on = s.session_on) then 'FORBIDDEN' end as ban) as b;
$function$;

comment on function lab.get_standing(text, text, jsonb, timestamptz) is
$$What risk knew of a symbol at a moment of the past: what it stood for in the session in which an order
would trade, whether it was listed, whether that session was OPEN or yet CLOSED (null: the calendar has no
more), and its restriction, as it was said by then. What risk.get_quote, risk.get_restriction and
md.find_ban say of a run.$$;
