create or replace function md.get_quality(
    p_symbols text[],
    p_now_at  timestamptz
)
returns table (
    symbol        text,
    timeframe     text,
    rows_stored   bigint,
    rows_rejected bigint,
    gaps          bigint,
    first_on      date,
    last_on       date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, '1D', count(*),
           (select count(*) from md.findings as f where f.symbol = b.symbol),
           (select count(*) from md.list_gaps(b.symbol, min(b.session_on), max(b.bar_end_at))),
           min(b.session_on), max(b.session_on)
      from md.bars as b
     where b.symbol = any (p_symbols)
       and b.bar_end_at <= p_now_at
     group by b.symbol
     order by b.symbol;
$function$;

comment on function md.get_quality(text[], timestamptz) is
$$How many bars each symbol has, how many were refused, and the sessions missing between its first
and last bar.$$;
