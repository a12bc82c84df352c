create or replace function md.list_gaps(
    p_symbol    text,
    p_timeframe text,
    p_from_on   date,
    p_now_at    timestamptz
)
returns table (
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on, s.ends_at
      from ref.instruments as i
      join ref.list_periods() as p using (symbol)
      cross join lateral ref.list_slots(
           i.exchange_id, p_timeframe, greatest(p_from_on, p.listed_on),
           least(p.delisted_on - 1, (p_now_at + interval '1 day')::date)) as s
     where i.symbol = p_symbol
       and p.is_listed
       and s.ends_at <= p_now_at
       and not exists (
        select from md.bars as b
         where b.symbol = p_symbol and b.timeframe = p_timeframe and b.bar_end_at = s.ends_at)
     order by s.ends_at;
$function$;

comment on function md.list_gaps(text, text, date, timestamptz) is
$$Slots from session p_from_on on that had ended by p_now_at and for which the symbol has no bar.
Why: gaps are counted in slots of exchange sessions on which the symbol was listed; a holiday is none.$$;
