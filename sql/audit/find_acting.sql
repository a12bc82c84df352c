create or replace function audit.find_acting()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.actor
      from audit.actings as a
     where a.acting_id::text = current_setting('mqk.acting', true)
       and a.xact_id = pg_current_xact_id_if_assigned()
       and a.login = session_user;
$function$;

comment on function audit.find_acting() is
$$For whom this transaction acts; null when the setting mqk.acting was forged.$$;
