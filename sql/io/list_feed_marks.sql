create or replace function io.list_feed_marks(
    p_feed text
)
returns table (
    symbol          text,
    timeframe       text,
    last_bar_end_at timestamptz,
    heard_at        timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.last_bar_end_at, f.heard_at from md.list_feed_marks(p_feed) as f;
$function$;

comment on function io.list_feed_marks(text) is
$$Service door to md.list_feed_marks.$$;
