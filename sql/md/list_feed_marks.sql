create or replace function md.list_feed_marks(
    p_feed text
)
returns setof md.feed_marks
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.*
      from md.feed_marks as m
     where m.feed = p_feed
     order by m.symbol collate "C", m.timeframe;
$function$;

comment on function md.list_feed_marks(text) is
$$How far a feed has come, by symbol and timeframe: where the next sync begins.$$;
