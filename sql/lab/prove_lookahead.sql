create or replace function lab.prove_lookahead(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer,
    p_now_at      timestamptz
)
returns lab.proofs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test    lab.backtests;
    v_proof   lab.proofs;
    v_cuts    integer[] := array(select lab.list_cuts(p_backtest_id, p_cuts, p_seed));
    v_missing text;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(v_test.backtest_status <> 'CREATED', 'MQS82', p_backtest_id::text);
    perform core.assert_that(p_cuts between 1 and 100, 'MQA02', 'cuts in 1..100');
    select p.* into v_proof from lab.proofs as p
     where p.backtest_id = p_backtest_id and p.cuts = p_cuts and p.seed = p_seed;
    if found then
        return v_proof;
    end if;
    select coalesce(string_agg(format('%s after tick %s', p.poison, c.cut), ', '),
                    case when v_cuts = '{}' then 'no tick has a future' end)
      into v_missing
      from unnest(v_cuts) as c (cut)
     cross join unnest(array['UP', 'DOWN', 'ODD', 'EVEN']) as p (poison)
     where not exists (select from lab.trials as t
                        where t.backtest_id = p_backtest_id and t.cut_tick = c.cut
                          and t.poison = p.poison);
    perform core.assert_that(v_missing is null, 'MQS83', v_missing);
    v_proof.violation := lab.find_violation(p_backtest_id, v_cuts);
    insert into lab.proofs (
        backtest_id, strategy_id, code_sha256, config_hash, data_sha256, cuts, seed, trials, verdict,
        violation, proven_by, proven_at)
    select p_backtest_id, v_test.strategy_id, v_test.code_sha256, v_test.config_hash, d.data_sha256, p_cuts,
           p_seed, (select count(*) from lab.trials as t where t.backtest_id = p_backtest_id),
           case when v_proof.violation is null then 'CLEAN' else 'LOOKAHEAD_VIOLATION' end,
           v_proof.violation, audit.get_actor(), p_now_at
      from lab.datasets as d where d.dataset_id = v_test.dataset_id
    returning * into v_proof;
    perform audit.append_desk_event(
        'LAB', 'LOOKAHEAD_JUDGED', to_jsonb(v_proof) - array['proven_at', 'proven_by'], p_now_at);
    return v_proof;
end;
$function$;

comment on function lab.prove_lookahead(uuid, integer, integer, timestamptz) is
$$Judges whether the strategy of a backtest looked ahead, and keeps the verdict: every cut of the seed has
been tried with every future, and neither they nor the rules of time show anything.
Why: a verdict is about one code, one config and one dataset, by their digests.
Raises: MQN81; MQA02; MQS82 it has not ended; MQS83 a trial is missing.$$;
