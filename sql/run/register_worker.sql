create or replace function run.register_worker(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_build        text,
    p_secret_names text[],
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run   run.runs;
    v_armed text;
begin
    perform core.assert_that(
        run.is_own_kind(p_worker_kind) is not false, 'MQG09', p_worker_kind);
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select g.build into v_armed
      from run.armings as g
     where g.run_id = p_run_id
     order by g.history_seq desc
     limit 1;
    perform core.assert_that(
        v_run.run_status not in ('ARMED', 'RUNNING') or p_build = v_armed, 'MQG11',
        format('%s runs %s, armed with %s', p_worker_kind, p_build, v_armed));
    if exists (select from run.workers as w
                where (w.run_id, w.worker_kind, w.worker_name, w.build, w.secret_names, w.actor)
                      = (p_run_id, p_worker_kind, p_worker_name, p_build, p_secret_names,
                         session_user::text))
    then
        return;
    end if;
    insert into run.workers (
        run_id, worker_kind, worker_name, build, secret_names, actor, registered_at)
    values (p_run_id, p_worker_kind, p_worker_name, p_build, p_secret_names, session_user,
            run.clamp_now(p_run_id, p_now_at))
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name, build = excluded.build,
           secret_names = excluded.secret_names, actor = excluded.actor,
           registered_at = excluded.registered_at;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'WORKER_REGISTERED',
        jsonb_build_object('worker_kind', p_worker_kind, 'worker_name', p_worker_name,
                           'build', p_build, 'secret_names', p_secret_names), p_now_at);
end;
$function$;

comment on function run.register_worker(uuid, text, text, text, text[], timestamptz) is
$$A worker says what it is before it acts: its name, the SHA-256 of its program, the names of the
secrets that it has.
Why: an old program that joins a running desk is how one firm was lost in 45 minutes; while a run is
armed only the program it was armed with is let in.
Raises: MQG09 the login is not of this kind; MQG11 another program; MQN02; MQA03; 23514.$$;
