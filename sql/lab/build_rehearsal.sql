create or replace function lab.build_rehearsal(
    p_config jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select core.format_canonical_json(p_config || jsonb_build_object(
        'engine', p_config -> 'engine' || '{"mode": "PAPER"}',
        'runtime', p_config -> 'runtime' || '{"clock": "VIRTUAL", "deadman_file": false,
            "deadman_ttl_seconds": 864000, "gate_ttl_seconds": 864000, "lease_seconds": 864000}',
        'broker', '{"name": "paper"}'::jsonb || jsonb_build_object(
            'account_id', p_config #> '{broker,account_id}',
            'initial_cash', p_config #> '{broker,initial_cash}'),
        'data', p_config -> 'data' || '{"feed": "rehearsal", "second_feed": "none",
            "gap_window_bars": 2, "gap_tolerance_bars": 0, "outlier_policy": "IGNORE",
            "split_tolerance_bps": 0}'));
$function$;

comment on function lab.build_rehearsal(jsonb) is
$$The config, in canonical json, by which a rehearsal plays a backtest of this config: its strategy, limits,
costs, cash, engine and account, on the paper broker, in a time that is given. Of the data it keeps what a
backtest knows: when a missing bar is too late.
Why: the database says what is rehearsed; the program that does it has no choice.$$;
