create or replace function ops.judge_hba(
    p_rules jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with rule as (
        select r.type, r.auth_method, r.error,
               coalesce(r.address in ('127.0.0.1', '::1', 'localhost', 'samehost'), false) as is_near,
               format('line %s: %s %s %s', r.line_number, r.type, coalesce(r.address, ''),
                      r.auth_method) as line
          from jsonb_to_recordset(p_rules) as r (
               line_number integer, type text, address text, auth_method text, error text)
    ), bad (check_name, line) as (
        select 'hba_can_be_read', line from rule where error is not null
         union all
        select 'hba_network_needs_scram', line
          from rule
         where type <> 'local' and auth_method not in ('scram-sha-256', 'cert', 'reject', 'gss', 'ldap')
         union all
        select 'hba_network_is_encrypted', line
          from rule where type in ('host', 'hostnossl') and not is_near and auth_method <> 'reject'
         union all
        select 'hba_socket_knows_who', line
          from rule where type = 'local' and auth_method in ('trust', 'password', 'md5')
    )
    select c.check_name, c.is_must, p_rules is not null and count(b.line) = 0,
           case when p_rules is null then 'unknown: it may not be read'
                else coalesce(string_agg(b.line, '; '), 'ok') end, c.fix
      from (values ('hba_can_be_read', true, 'grant what docs/security.md says, correct pg_hba.conf'),
                   ('hba_network_needs_scram', true, 'scram-sha-256 or cert; never trust, password, md5'),
                   ('hba_network_is_encrypted', true, 'hostssl instead of host'),
                   ('hba_socket_knows_who', false, 'peer with a map, or a socket out of reach')
           ) as c (check_name, is_must, fix)
      left join bad as b using (check_name)
     group by c.check_name, c.is_must, c.fix;
$function$;

comment on function ops.judge_hba(jsonb) is
$$What the lines of pg_hba.conf (an array of line_number, type, address, auth_method, error) let in that
they should not; null: they may not be read, which is not well.$$;
