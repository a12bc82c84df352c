create or replace function md.list_session_closes(
    p_symbol    text,
    p_timeframe text,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns table (
    session_on   date,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (b.session_on) b.session_on, b.close_micros
      from md.bars as b
     where b.symbol = p_symbol
       and b.timeframe = p_timeframe
       and b.bar_end_at <= p_now_at
       and b.session_on between p_from_on and p_to_on
     order by b.session_on, b.bar_end_at desc;
$function$;

comment on function md.list_session_closes(text, text, date, date, timestamptz) is
$$The last close of each session that was known at p_now_at: what a curve by day is drawn from.$$;
