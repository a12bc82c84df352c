create or replace function md.take_feed_wants(
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
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_policy   md.policies;
    v_symbols  jsonb;
    v_first_on date := '1900-01-01';
begin
    select p.* into v_policy from md.policies as p where p.run_id = p_run_id;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    v_symbols := md.list_run_symbols(p_run_id);
    if p_is_metered then
        v_first_on := md.get_window_start(p_run_id, p_now_at);
    end if;
    return query
    with holes as materialized (
        select g.symbol, min(g.session_on) as from_on
          from md.list_window_gaps(p_run_id, p_now_at) as g
         group by g.symbol
    ), wanted as materialized (
        select w.symbol, w.timeframe, w.until_on, w.bar_end_at, w.is_due,
               least(w.from_on, h.from_on) as from_on
          from md.list_feed_wants(
               p_feed, v_symbols, v_policy.timeframe, v_first_on, null, p_now_at) as w
          left join holes as h using (symbol)
    ), taken as (
        insert into md.feed_asks as a (feed, symbol, timeframe, bar_end_at, asks, asked_at)
        select p_feed, w.symbol, w.timeframe, w.bar_end_at, 1, p_now_at
          from wanted as w
         where p_is_metered and w.is_due
            on conflict on constraint feed_asks_pkey do update
           set bar_end_at = excluded.bar_end_at, asked_at = excluded.asked_at,
               asks = case a.bar_end_at when excluded.bar_end_at then a.asks + 1 else 1 end
         where a.bar_end_at <> excluded.bar_end_at
            or a.asked_at + md.compute_ask_pause(a.asks) <= excluded.asked_at
        returning a.symbol as taken_symbol
    )
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from wanted as w
     where not p_is_metered or w.symbol in (select t.taken_symbol from taken as t)
     order by w.symbol collate "C";
end;
$function$;

comment on function md.take_feed_wants(uuid, text, boolean, timestamptz) is
$$What a run's worker should ask a feed for now: the run's symbols and its benchmark. A feed that counts its
requests (p_is_metered) is asked for what is due only, and at growing intervals for the same bar. What is
missing in the run's gap window is asked for again.
Why: a worker that polls must not spend the day's requests on a bar that is late.
Raises: MQN02.$$;
