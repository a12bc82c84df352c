create or replace function ops.check_market(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'calendar_is_loaded', b.short is null,
           coalesce(b.short || ': no session in the next ten days', 'ten days ahead are known'),
           'mqk md load-calendar'
      from (select string_agg(distinct i.exchange_id, ', ') as short
              from run.universe as u
              join ref.instruments as i using (symbol)
             where u.run_id = p_run_id
               and not exists (
                   select from ref.sessions as s
                    where s.exchange_id = i.exchange_id
                      and s.closes_at between p_now_at and p_now_at + interval '10 days')) as b
     where exists (select from run.runs as r where r.run_id = p_run_id)
     union all
    select 'strategy_is_enabled', s.is_enabled, format('%s %s', s.strategy_kind, s.strategy_id),
           'mqk run strategies; create a run with another'
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id
     union all
    select 'nothing_forbidden_is_held', b.held is null,
           coalesce(b.held, 'no position stands in a forbidden period'),
           'close the position: mqk run flatten'
      from (select string_agg(format('%s %s', p.symbol, md.find_ban(p_run_id, p.symbol, p_now_at)), ', '
                              order by p.symbol collate "C") as held
              from ledger.positions as p
             where p.run_id = p_run_id and p.position_qty <> 0
               and md.find_ban(p_run_id, p.symbol, p_now_at) is not null) as b
     where exists (select from run.runs as r where r.run_id = p_run_id)
     union all
    select 'bars_are_there', b.short is null, coalesce(b.short, 'every symbol has its window'),
           'mqk md ingest, or run the marketdata worker'
      from (select string_agg(u.symbol, ', ' order by u.symbol collate "C") as short
              from run.universe as u
              join strat.assignments as a using (run_id)
             where u.run_id = p_run_id
               and (select count(*)
                      from md.list_bars_as_of(u.symbol, a.timeframe, a.window_bars, p_now_at) as b
                     where b.session_on >= ref.get_listed_since(
                           u.symbol, (p_now_at at time zone 'UTC')::date)) < a.window_bars) as b
     where exists (select from run.runs as r where r.run_id = p_run_id);
$function$;

comment on function ops.check_market(uuid, timestamptz) is
$$The preflight checks of the market: sessions ahead, a full window of bars for each
symbol, all of what it stands for now, nothing held that is forbidden.$$;
