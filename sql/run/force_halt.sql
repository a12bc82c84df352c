create or replace function run.force_halt(
    p_run_id    uuid,
    p_trip_kind text,
    p_reason    text,
    p_now_at    timestamptz
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
    v_seen   text[] := '{}';
begin
    detail := '';
    for v_try in 1..4 loop
        perform set_config('lock_timeout', case v_try when 4 then '5s' else '200ms' end, true);
        begin
            lock table run.runs in exclusive mode;
            is_new := run.halt_run(p_run_id, p_trip_kind, p_reason, '{}', p_now_at);
            exit;
        exception
            when lock_not_available or deadlock_detected then
                detail := left(detail || run.break_locks(v_seen), 500);
                v_seen := array(select h.virtual_xid from run.list_lock_holders() as h);
                if v_try = 4 then
                    raise lock_not_available using
                        message = 'a halt waits for a session that holds the run', detail = detail,
                        hint = 'End it, or let a superuser: grant pg_signal_backend to mqk_owner.';
                end if;
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

comment on function run.force_halt(uuid, text, text, timestamptz) is
$$Halts a run also against sessions that hold its locks: it waits twice 200 ms and ends the transactions
that held on all the while; the diary says whom. is_new: false when it was halted already. detail:
whom it ended, or may not end.
Why: halted within a second, whatever a worker does. A row that is shared again and again would let
the halt wait for ever; the lock of the table is given in turn (readers do not notice). Where the
right to end sessions is missing, it waits five seconds more and then gives up aloud.
Raises: MQN02; 55P03 naming who holds the run.$$;
