create or replace function run.break_locks(
    p_virtual_xids text[]
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_holder record;
    v_ended  boolean;
    v_said   text := '';
begin
    for v_holder in
        select h.* from run.list_lock_holders() as h
         where h.virtual_xid = any(p_virtual_xids)
         order by h.pid
    loop
        begin
            v_ended := true;
            perform pg_terminate_backend(v_holder.pid);
        exception
            when insufficient_privilege then
                v_ended := false;
        end;
        v_said := v_said || format(
            '%s session %s of %s (%s); ', case when v_ended then 'ended' else 'may not end' end,
            v_holder.pid, v_holder.login, v_holder.application_name);
    end loop;
    return v_said;
end;
$function$;

comment on function run.break_locks(text[]) is
$$Ends the sessions of these transactions, if they still hold rows of runs or diaries; gives in words
whom it ended, and whom it may not end.
Why: who holds a lock must not be able to forbid a halt. It needs pg_signal_backend (docs/dba.md);
without it, and for a superuser's session, it only says so.$$;
