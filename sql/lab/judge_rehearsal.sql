create or replace function lab.judge_rehearsal(
    p_backtest_id uuid,
    p_build       text,
    p_twin        jsonb,
    p_run_id      uuid,
    p_acts        jsonb,
    p_now_at      timestamptz
)
returns lab.rehearsals
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
    v_kept lab.rehearsals;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', coalesce(p_backtest_id::text, 'null'));
    perform core.assert_that(v_test.backtest_status <> 'CREATED', 'MQA87', p_backtest_id::text);
    perform core.assert_that(p_build ~ '^[0-9a-f]{64}$', 'MQA02', 'build is the SHA-256 of the program');
    perform core.assert_that(
        p_twin = jsonb_build_object('backtest_id', v_test.backtest_id, 'digest', v_test.digest)
        and p_run_id = lab.derive_rehearsal_run(v_test), 'MQA89',
        coalesce(format('%s %s', p_twin, p_run_id), 'null'));
    insert into lab.rehearsals (
        backtest_id, build, digest, run_id, acts, acts_sha256, differences, first_difference,
        rehearsed_by, rehearsed_at)
    select p_backtest_id, p_build, v_test.digest, p_run_id, jsonb_array_length(p_acts),
           core.hash_text(core.format_canonical_json(p_acts)), count(x.fault), min(x.fault),
           audit.get_actor(), p_now_at
      from (select 1) as one
      left join lab.compare_acts(p_backtest_id, p_acts) as x on true
    on conflict (backtest_id, build) do nothing;
    select r.* into strict v_kept from lab.rehearsals as r
     where r.backtest_id = p_backtest_id and r.build = p_build;
    perform core.assert_that(
        v_kept.acts_sha256 = core.hash_text(core.format_canonical_json(p_acts)), 'MQS89',
        v_kept.acts_sha256);
    perform audit.append_desk_event(
        'PROMOTION', 'REHEARSAL_JUDGED', to_jsonb(v_kept) - array['rehearsed_at', 'rehearsed_by'],
        p_now_at);
    return v_kept;
end;
$function$;

comment on function lab.judge_rehearsal(uuid, text, jsonb, uuid, jsonb, timestamptz) is
$$Compares what a rehearsal did, act by act, with its backtest, and keeps the verdict. p_twin: the id and
digest of the backtest that the rehearsal's own database made of the bars, the config and the code that it
had; p_acts: [{kind, place, act}, ...] of lab.list_run_acts.
Why: a run of other bars, another code or another config would have another twin or another id.
Raises: MQN81; MQA87; MQA02; MQA89 it was not this backtest; MQS89 the program did something else before.$$;
