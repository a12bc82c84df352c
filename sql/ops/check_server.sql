create or replace function ops.check_server(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_hba jsonb;
begin
    begin
        v_hba := (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from pg_hba_file_rules as h);
    exception when insufficient_privilege then
        v_hba := null;
    end;
    check_name := 'clock';
    is_must := true;
    fix := 'synchronise the clocks of this machine and of the server (chrony)';
    begin
        perform core.assert_clock_is_near(p_now_at);
        is_ok := true;
        finding := 'within 2 s of the server';
    exception when sqlstate 'MQA03' then
        get stacked diagnostics finding = pg_exception_detail;
        is_ok := false;
    end;
    return next;
    return query values ('primary', true, not pg_is_in_recovery(),
                         case when pg_is_in_recovery() then 'a standby' else 'ok' end,
                         'connect to the primary: standbys are for reports, never for gates');
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix from ops.judge_settings(
        (select jsonb_object_agg(s.name, s.setting) from pg_settings as s)) as f;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.judge_hba(v_hba) as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_logins() as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_catalog() as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_anchors(p_now_at) as f;
end;
$function$;

comment on function ops.check_server(timestamptz) is
$$Every check of the doctor that the database can make of itself and of its server; is_must: what money
rests on. Reads only; a false clock of the caller is a check, not an error.$$;
