create or replace function run.force_halt(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    is_new boolean,
    detail text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before text := current_setting('lock_timeout');
begin
    detail := '';
    for v_try in 1..3 loop
        perform set_config('lock_timeout', case v_try when 3 then '5s' else '200ms' end, true);
        begin
            is_new := run.halt_run(p_run_id, p_reason, p_now_at);
            exit;
        exception
            when lock_not_available or deadlock_detected then
                if v_try = 3 then
                    raise lock_not_available using
                        message = 'a halt waits for a session that holds the run', detail = detail,
                        hint = 'End it, or let a superuser: grant pg_signal_backend to mqk_owner.';
                end if;
                detail := left(detail || run.break_locks(p_run_id), 500);
        end;
    end loop;
    perform set_config('lock_timeout', v_before, true);
    if detail <> '' then
        perform audit.append_event(
            p_run_id, 'RUNTIME', 'HALT_BROKE_LOCKS', jsonb_build_object('detail', detail), p_now_at);
    end if;
    return next;
end;
$function$;

comment on function run.force_halt(uuid, text, timestamptz) is
$$Halts a run also against sessions that hold its locks: after 200 ms they are ended, and the diary says
whom. is_new: false when it was halted already. detail: whom it ended, or may not end.
Why: halted within a second, whatever a worker does; where the right to end sessions is missing, it
waits five seconds more and then gives up aloud.
Raises: MQN02; 55P03 naming who holds the run.$$;
