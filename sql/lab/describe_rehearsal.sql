create or replace function lab.describe_rehearsal(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'config', lab.build_rehearsal(c.config), 'backtest_config', c.canonical_json,
        'code_sha256', b.code_sha256, 'timeframe', d.timeframe, 'symbols', d.symbols,
        'from_on', d.from_on, 'to_on', d.to_on, 'frozen_at', core.format_iso(d.frozen_at),
        'begins_at', core.format_iso(lab.get_rehearsal_start(d.dataset_id)), 'ticks', b.ticks,
        'exchange_id', d.exchange_id,
        'time_zone', (select e.time_zone from ref.exchanges as e where e.exchange_id = d.exchange_id),
        'actions', lab.format_actions(d, d.frozen_at),
        'sessions', (
            select jsonb_agg(jsonb_build_object(
                       'session_on', s.session_on::text, 'opens_at', core.format_iso(s.opens_at),
                       'closes_at', core.format_iso(s.closes_at), 'is_half_day', s.is_half_day)
                       order by s.session_on)
              from ref.sessions as s
             where s.exchange_id = d.exchange_id and s.session_on between d.from_on and d.to_on + 14),
        'instruments', (
            select jsonb_agg(jsonb_build_object(
                       'symbol', s.symbol, 'exchange_id', d.exchange_id,
                       'instrument_kind', (ref.get_listing(s.symbol, d.to_on)).instrument_kind,
                       'name', s.symbol) order by s.symbol collate "C")
              from (select unnest(d.symbols) union
                    select c.config #>> '{data,benchmark_symbol}') as s (symbol)))
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join run.configs as c using (config_hash)
     where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED';
$function$;

comment on function lab.describe_rehearsal(uuid) is
$$All that a rehearsal of a backtest needs beside its bars: config, calendar, instruments, corporate
actions, how many ticks.
Null: there is no such backtest, or it has not ended.$$;
