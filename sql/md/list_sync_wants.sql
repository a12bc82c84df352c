create or replace function md.list_sync_wants(
    p_feed       text,
    p_symbols    jsonb,
    p_timeframe  text,
    p_full_start date,
    p_until_on   date,
    p_now_at     timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    until_on  date
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_timeframe, p_now_at) = 0 and jsonb_array_length(p_symbols) > 0, 'MQA01',
        'feed, symbols, timeframe, now_at');
    perform core.assert_that(
        exists (select from ref.timeframes as t where t.timeframe = p_timeframe), 'MQA02',
        format('timeframe %s: 1m, 5m, 15m, 1H or 1D', p_timeframe));
    select string_agg(n.symbol, ', ' order by n.symbol collate "C") into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
     where not exists (select from ref.instruments as i where i.symbol = n.symbol);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    select string_agg(i.symbol, ', ' order by i.symbol collate "C") into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
      join ref.instruments as i using (symbol)
     where not exists (select from ref.get_closed_slot(i.exchange_id, p_timeframe, p_now_at));
    perform core.assert_that(v_bad is null, 'MQN04', v_bad);
    select string_agg(w.symbol, ', ' order by w.symbol collate "C") into v_bad
      from md.list_feed_wants(p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w
     where w.from_on is null;
    perform core.assert_that(v_bad is null, 'MQA72', v_bad);
    return query
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.list_feed_wants(p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w;
end;
$function$;

comment on function md.list_sync_wants(text, jsonb, text, date, date, timestamptz) is
$$What a sync asks a feed for, by symbol; p_full_start: where to begin for symbols that the feed has given
nothing of.
Raises: MQA01; MQA02; MQN03 naming unknown symbols; MQN04 naming those without a session yet; MQA72
naming symbols without a beginning.$$;
