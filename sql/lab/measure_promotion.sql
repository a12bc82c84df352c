create or replace function lab.measure_promotion(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select b.*, c.config from lab.backtests as b join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), ended as (
        select distinct on (s.study_kind) s.study_kind, o.measures as m
          from lab.studies as s
          join lab.outcomes as o using (study_id)
         where s.backtest_id = p_backtest_id
         order by s.study_kind, o.ended_at desc, s.study_id
    ), desk as (
        select core.derive_id('chain', array['ENGINE', 'DESK']) as chain_id
    ), parity as (
        select p.* from lab.parities as p join b using (backtest_id, digest)
         order by p.judged_at desc, p.run_id, p.last_seq desc limit 1
    )
    select lab.measure_backtest(p_backtest_id) || jsonb_build_object(
        'digest_holds', (lab.compute_digest(p_backtest_id) = b.digest)::integer,
        'worst_case', (b.config #>> '{execution,fill_profile}' = 'worst_case')::integer,
        'slippage_bps', b.config #> '{execution,slippage_bps}',
        'volatility_mult_bps', b.config #> '{execution,volatility_mult_bps}',
        'max_slippage_bps', b.config #> '{execution,max_slippage_bps}',
        'participation_bps', b.config #> '{execution,participation_bps}',
        'audit_events', (
            select count(*) from desk as d join audit.events as e using (chain_id)
             where e.event_name = 'BACKTEST_ENDED' and e.payload ->> 'digest' = b.digest
               and e.payload ->> 'backtest_id' = p_backtest_id::text),
        'audit_breaks', (select count(*) from desk as d cross join audit.verify_chain(d.chain_id)),
        'strategies', (select count(*) from strat.strategies as s
                        where s.strategy_id = b.strategy_id and s.is_enabled),
        'stress_scenarios', s.m -> 'scenarios', 'stress_failures', s.m -> 'failures',
        'stress_cagr', s.m -> 'stress_cagr',
        'walk_forward_folds', w.m -> 'folds', 'walk_forward_positive', w.m -> 'positive',
        'walk_forward_drawdown', w.m -> 'worst_drawdown', 'negative_folds', w.m -> 'negative_folds',
        'cross_validation_folds', v.m -> 'folds', 'cross_validation_positive', v.m -> 'positive',
        'parity_runs', (p.run_id is not null)::integer, 'parity_differences', p.differences)
      from b
      left join ended as s on s.study_kind = 'STRESS'
      left join ended as w on w.study_kind = 'WALK_FORWARD'
      left join ended as v on v.study_kind = 'CROSS_VALIDATION'
      left join parity as p on true;
$function$;

comment on function lab.measure_promotion(uuid) is
$$All that a promotion of a backtest is judged by: its own measures, its terms, its newest studies, its
newest parity with a run, and the diary; null where something was not done.$$;
