create or replace function io.take_feed_wants(
    p_run_id     uuid,
    p_feed       text,
    p_is_metered boolean,
    p_now_at     timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    until_on  date
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.take_feed_wants(p_run_id, p_feed, p_is_metered, p_now_at) as w
     order by w.symbol collate "C";
$function$;

comment on function io.take_feed_wants(uuid, text, boolean, timestamptz) is
$$Service door to md.take_feed_wants.$$;
