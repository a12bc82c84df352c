create or replace function lab.build_config(
    p_config     jsonb,
    p_scenario   text,
    p_parameters jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select core.format_canonical_json(
               jsonb_set(p_config, '{strategy,parameters}', p_parameters)
               || jsonb_build_object('execution', p_config -> 'execution' || case p_scenario
                   when 'SLIPPAGE_X2' then jsonb_build_object(
                       'slippage_bps', least(greatest(2 * e.slippage_bps, 10), 5000),
                       'volatility_mult_bps', least(greatest(2 * e.volatility_mult_bps, 10000), 20000),
                       'max_slippage_bps', least(greatest(2 * e.max_slippage_bps, 50), 5000))
                   when 'FEES_X2' then jsonb_build_object(
                       'fee_per_share_micros',
                       least(greatest(2 * e.fee_per_share_micros, 10000), 1000000),
                       'fee_bps', least(2 * e.fee_bps, 1000))
                   when 'PARTIAL_FILLS' then jsonb_build_object(
                       'participation_bps', greatest(least(e.participation_bps / 2, 50), 1),
                       'split_above_qty', greatest(e.split_above_qty / 2, 1))
                   else '{}' end))
      from jsonb_to_record(p_config -> 'execution') as e (
           slippage_bps bigint, volatility_mult_bps bigint, max_slippage_bps bigint,
           fee_per_share_micros bigint, fee_bps bigint, participation_bps bigint,
           split_above_qty bigint);
$function$;

comment on function lab.build_config(jsonb, text, jsonb) is
$$The config of a step of a study, in canonical json: with the costs of its scenario, never below those of
config/stress_profiles, and with these parameters of the strategy.$$;
