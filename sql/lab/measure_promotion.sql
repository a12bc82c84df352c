create or replace function lab.measure_promotion(
    p_backtest_id uuid,
    p_build       text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select b.*, c.config, d.data_sha256
          from lab.backtests as b
          join run.configs as c using (config_hash) join lab.datasets as d using (dataset_id)
         where b.backtest_id = p_backtest_id
    ), ended as (
        select distinct on (s.study_kind) s.study_kind, o.measures as m
          from lab.studies as s
          join lab.outcomes as o using (study_id)
         where s.backtest_id = p_backtest_id
         order by s.study_kind, o.ended_at desc, s.study_id
    ), desk as (
        select core.derive_id('chain', array['ENGINE', 'DESK']) as chain_id
    ), proof as (
        select p.*
          from lab.proofs as p
          join b using (backtest_id, config_hash, code_sha256, data_sha256)
         where p.verdict = 'CLEAN'
         order by p.cuts desc, p.seed limit 1
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
        'code_holds', (b.code_sha256 = coalesce(lab.hash_strategy(b.strategy_id), b.code_sha256))::integer,
        'lookahead_cuts', p.cuts, 'lookahead_seed', p.seed,
        'lookahead_violations', lab.count_violations(p_backtest_id),
        'rehearsals', (r.build is not null)::integer, 'rehearsal_differences', r.differences)
      from b
      left join ended as s on s.study_kind = 'STRESS'
      left join ended as w on w.study_kind = 'WALK_FORWARD'
      left join ended as v on v.study_kind = 'CROSS_VALIDATION'
      left join proof as p on true
      left join lab.rehearsals as r
             on (r.backtest_id, r.digest, r.build) = (b.backtest_id, b.digest, p_build);
$function$;

comment on function lab.measure_promotion(uuid, text) is
$$All that a promotion of a backtest is judged by: its own measures, its terms, its newest studies, its
best proof that it did not look ahead, its
rehearsal by the program p_build, and the diary; null where something was not done.$$;
