create or replace function audit.get_actor()
returns text
language sql
stable
return case when coalesce(current_setting('mqk.acting', true), '') = '' then session_user::text
            else audit.find_acting() end;

comment on function audit.get_actor() is
$$Who acts: the login, or the person whose token this transaction was begun with; null, which no history
row takes, when somebody forged the setting.
Why: a console's login is nobody; approvals and the diary must name the person.$$;
