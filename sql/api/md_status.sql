create or replace function api.md_status(
    p_now_at timestamptz
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.rows_stored, f.rows_rejected, f.gaps, f.first_on, f.last_on
      from md.get_quality(array(select i.symbol from ref.instruments as i), null, p_now_at) as f;
$function$;

comment on function api.md_status(timestamptz) is
$$Bars by symbol with their gaps.$$;
