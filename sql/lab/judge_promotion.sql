create or replace function lab.judge_promotion(
    p_backtest_id uuid,
    p_profile     text,
    p_build       text,
    p_now_at      timestamptz
)
returns lab.promotions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test     lab.backtests;
    v_judged   lab.promotions;
    v_measures jsonb;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', coalesce(p_backtest_id::text, 'null'));
    perform core.assert_that(
        v_test.backtest_status <> 'CREATED', 'MQA87', p_backtest_id::text);
    perform core.assert_that(
        exists (select from lab.list_gates(p_profile)), 'MQN87', coalesce(p_profile, 'null'));
    perform core.assert_that(
        p_build ~ '^[0-9a-f]{64}$', 'MQA02', 'build is the SHA-256 of the program');
    v_measures := lab.measure_promotion(p_backtest_id, p_build);
    insert into lab.promotions (
        promotion_id, backtest_id, profile, reasons, measures, score, config_hash, data_sha256, digest,
        build, code_sha256, proof_cuts, proof_seed, strategy_id, strategy_version, audit_seq, audit_hash,
        judged_by, judged_at)
    select core.derive_id('promotion', array[
               p_backtest_id::text, p_profile, p_build, coalesce(s.version, ''), v_measures::text]),
           p_backtest_id, p_profile,
           array(select f.reason from lab.list_failures(p_profile, v_measures) as f order by f.gate_no),
           v_measures, lab.compute_score(v_measures), v_test.config_hash, d.data_sha256, v_test.digest,
           p_build, v_test.code_sha256, (v_measures ->> 'lookahead_cuts')::integer,
           (v_measures ->> 'lookahead_seed')::integer, v_test.strategy_id, s.version, h.last_seq,
           h.last_hash, audit.get_actor(), p_now_at
      from lab.datasets as d
      left join strat.strategies as s on s.strategy_id = v_test.strategy_id
      join audit.chains as h on h.chain_id = core.derive_id('chain', array['ENGINE', 'DESK'])
     where d.dataset_id = v_test.dataset_id
    on conflict (promotion_id) do nothing
    returning * into v_judged;
    if not found then
        select p.* into strict v_judged from lab.promotions as p
         where p.backtest_id = p_backtest_id and p.profile = p_profile and p.build = p_build
           and p.measures = v_measures
         order by p.judged_at desc limit 1;
        return v_judged;
    end if;
    perform lab.push_promotion(v_judged, p_now_at);
    return v_judged;
end;
$function$;

comment on function lab.judge_promotion(uuid, text, text, timestamptz) is
$$Judges whether a backtest that ended may be promoted, with all failing reasons, and keeps the judgement
with what it saw: measures, config, data, program, version, diary. The same again changes nothing.
Raises: MQN81; MQA87; MQN87; MQA02.$$;
