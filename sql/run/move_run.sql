create or replace function run.move_run(
    p_run_id    uuid,
    p_to_status text,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    select r.* into strict v_run from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(
        exists (select from run.run_moves as m
                 where m.from_status = v_run.run_status and m.to_status = p_to_status),
        'MQS01', format('%s to %s', v_run.run_status, p_to_status));

    insert into run.run_history (
        run_id, history_seq, from_status, to_status, reason, actor, moved_at)
    values (p_run_id, v_run.status_seq + 1, v_run.run_status, p_to_status, p_reason, audit.get_actor(),
            run.clamp_now(p_run_id, p_now_at));
    update run.runs as r
       set run_status = p_to_status, status_seq = r.status_seq + 1,
           armed_epoch = r.armed_epoch + (p_to_status = 'ARMED')::integer
     where r.run_id = p_run_id;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'RUN_' || p_to_status, jsonb_build_object('reason', p_reason), p_now_at);
exception
    when unique_violation then
        perform core.raise_error('MQS04', format('run %s, account %s', p_run_id, v_run.account_id));
end;
$function$;

comment on function run.move_run(uuid, text, text, timestamptz) is
$$Moves a run's status, with its history row and its diary entry. The caller holds the run's lock.
Why: the one writer of run_status; the foreign keys to run_moves and run_history watch it.
Raises: MQS01 not a legal move; MQS04 another run holds the account or the LIVE place.$$;
