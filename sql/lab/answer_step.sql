create or replace function lab.answer_step(
    p_study_id    uuid,
    p_code_sha256 text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns lab.signal_sets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_step lab.steps := lab.take_step(p_study_id, p_now_at);
begin
    perform core.assert_that(v_step.study_id is not null, 'MQS86', 'no step is left');
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = v_step.backtest_id and b.code_sha256 = p_code_sha256), 'MQS86',
        coalesce(p_code_sha256, 'null'));
    return lab.post_signals(v_step.backtest_id, p_signals, p_now_at);
end;
$function$;

comment on function lab.answer_step(uuid, text, jsonb, timestamptz) is
$$Takes what a strategy outside the database wants in the next step of a study, if it is the code that the
study's backtest was run with.
Raises: MQN86; MQS86 another code, or no step is left; MQS80; MQA82.$$;
